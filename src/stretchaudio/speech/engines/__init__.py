"""Speak with the engines of the program, one module each, as `EngineModule` describes."""
