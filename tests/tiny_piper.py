"""A Piper voice of a few kilobytes, made by the test: each phoneme becomes a piece of a tone."""

import json
import string
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

RATE_HZ = 16_000
SAMPLES_A_PHONEME = 1200


def write_voice(folder: Path, name: str = "en_US-tiny-low", *, speakers: int = 1) -> Path:
    """Write a voice's model and config.

    The model repeats a period of a tone for each phoneme, longer at a greater length scale.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(SAMPLES_A_PHONEME) / RATE_HZ)).astype(
        np.float32
    )
    constants = {
        "tone": tone.reshape(1, 1, 1, -1),
        "zero": np.array([0.0], np.float32),
        "one": np.array([1], np.int64),
        "ones": np.array([1, 1], np.int64),
        "flat": np.array([1, 1, 1, -1], np.int64),
        "middle": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["scales", "middle"], ["length_scale"]),
        helper.make_node("Cast", ["input_lengths"], ["phonemes"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["phonemes", "length_scale"], ["times_exact"]),
        helper.make_node("Ceil", ["times_exact"], ["times_whole"]),
        helper.make_node("Cast", ["times_whole"], ["times"], to=TensorProto.INT64),
        helper.make_node("Concat", ["ones", "one", "times"], ["repeats"], axis=0),
        helper.make_node("Tile", ["tone", "repeats"], ["tiled"]),
        helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["ids"], ["mean"], keepdims=0),
        helper.make_node(
            "Mul", ["mean", "zero"], ["nothing"]
        ),  # the ids change nothing, but a model has to use its inputs
        helper.make_node("Add", ["tiled", "nothing"], ["sound"]),
        helper.make_node("Reshape", ["sound", "flat"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        *([helper.make_tensor_value_info("sid", TensorProto.INT64, [1])] if speakers > 1 else []),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "samples"])
    values = [numpy_helper.from_array(value, key) for key, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], values)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    characters = "_^$ " + string.ascii_letters + string.digits + ".,:;!?'-"
    config = {
        "num_symbols": len(characters),
        "num_speakers": speakers,
        "audio": {"sample_rate": RATE_HZ},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "text",
        "phoneme_id_map": {character: [at] for at, character in enumerate(characters)},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
    }
    (folder / f"{name}.onnx.json").write_text(json.dumps(config), encoding="utf-8")
    return path
