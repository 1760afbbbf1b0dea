"""Kokoro's files, of a few kilobytes, made by the test: each phoneme becomes a piece of a tone.

The inputs and outputs, their types and shapes are those of the real model; so are the random
operator in the graph and the archive of voices, 510 styles of 256 numbers each.
"""

import zipfile
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from stretchaudio.speech.engines import kokoro

RATE_HZ = 24_000
SAMPLES_A_PHONEME = 1200
LOUDNESS = {"af_heart": 0.3, "af_bella": 0.2, "bm_george": 0.25, "ef_dora": 0.3, "jf_alpha": 0.3}
"""Voices, and what their styles are made of: a tone is as loud as that."""


def write_files(folder: Path) -> Path:
    """Write the model and the voices where the engine looks for them; returns the model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / kokoro.VOICES_FILE.name, "w") as archive:
        for name, loudness in LOUDNESS.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.save(file, np.full((510, 1, 256), loudness, np.float32))
    path = folder / kokoro.MODELS["kokoro"].name
    path.write_bytes(_model())
    return path


def _model() -> bytes:
    tone = np.sin(2 * np.pi * 440 * np.arange(SAMPLES_A_PHONEME) / RATE_HZ)
    constants = {
        "tone": tone.astype(np.float32),
        "quiet": np.array(0.01, np.float32),
        "flat": np.array([-1], np.int64),
        "second": np.array([1], np.int64),
    }
    node = helper.make_node
    nodes = [
        node("Shape", ["tokens"], ["shape"]),
        node("Gather", ["shape", "second"], ["count"]),
        node("Cast", ["count"], ["phonemes"], to=TensorProto.FLOAT),
        node("Div", ["phonemes", "speed"], ["times_exact"]),
        node("Ceil", ["times_exact"], ["times_whole"]),
        node("Cast", ["times_whole"], ["times"], to=TensorProto.INT64),
        node("Tile", ["tone", "times"], ["tiled"]),
        node("ReduceMean", ["style"], ["loudness"], keepdims=0),
        node("Mul", ["tiled", "loudness"], ["voiced"]),
        # The real model draws the noise of its consonants so.
        node("RandomNormalLike", ["voiced"], ["drawn"]),
        node("Mul", ["drawn", "quiet"], ["noise"]),
        node("Add", ["voiced", "noise"], ["sound"]),
        node("Reshape", ["sound", "flat"], ["audio"]),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    output = helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["samples"])
    values = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], values)
    opset = [helper.make_opsetid("", 17)]
    made: bytes = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    return made
