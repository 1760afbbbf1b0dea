"""The engines that come with the program, one module each, in the shape of `EngineModule`."""
