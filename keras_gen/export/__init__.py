"""Models for others to run: SavedModels, ONNX and LiteRT, each checked."""
