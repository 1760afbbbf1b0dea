"""`python -m stretchaudio` is the command line too."""

from stretchaudio.cli import main

if __name__ == "__main__":
    main()
