"""The server that the contract suite asks: KERAS_GEN_TFS_URL's and
KERAS_GEN_TFS_GRPC's where they are set, else our own."""

import os

import pytest

from serving.contract import asking, models
from serving.process import serve


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    url = os.environ.get("KERAS_GEN_TFS_URL")
    if url:
        yield asking.Server(url, os.environ["KERAS_GEN_TFS_GRPC"])
        return
    folder = tmp_path_factory.mktemp("contract") / "models"
    models.write(folder, folder)
    with serve(
        folder, f"--model_config_file={folder}/models.config"
    ) as process:
        yield asking.Server(process.url, process.grpc_address)
