"""Pictures of the same latents over training."""

from keras_gen import plot, values
from keras_gen.training.callbacks.step import StepCallback

# Of a long run the first grid is of this step, within a minute or so: who has
# given it the wrong data need not wait for the twentieth part to see it.
FIRST = 100


class SampleGrids(StepCallback):
    """Writes the objective's preview, always of the same latents and the
    same test data, as `step-<number>.png` and to TensorBoard; of what moves
    also `moving.gif`, each time anew.

    Args:
        folder: where to.
        events: an `EventFile`.
        batch: test data for the objective's `preview`.
        every: steps between grids; where they are more than `FIRST`, one is
            written after these, too.
        seed: of the latents.
    """

    def __init__(self, folder, events, batch, every, seed):
        super().__init__()
        self.folder, self.events, self.batch = folder, events, batch
        self.every, self.seed = every, seed

    def on_step(self, step, logs):
        if step % self.every == 0 or step == FIRST < self.every:
            self.write(step)

    def write(self, step):
        """Writes the grid of this step."""
        pictures, columns = self.model.preview(self.batch, self.seed)
        path = self.folder / f"step-{step:07}.png"
        image = plot.grid(pictures, path, columns=columns)
        self.events.image("samples", image, step)
        frames = self.model.moving(self.seed)
        if frames:
            values.write_gif(frames, self.folder / "moving.gif")
