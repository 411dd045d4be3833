"""The command `imglint`, and `python -m imglint`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line, and end the process."""
    # A run is short and makes hardly anything that refers to itself: looking for such garbage costs a twentieth of
    # the time and finds nothing.
    gc.disable()
    from imglint.cli.run import EXIT_FAILURE, CommandError, discard_output, tell

    arguments = sys.argv[1:]
    try:
        if sys.stdout is None:
            raise CommandError("standard output is closed")
        # The usual calls, of names without flags: loading click would take longer than all the rest.
        plain = not any(word.startswith("-") and word != "-" for word in arguments[1:])
        if plain and arguments[:1] == ["check"]:
            from imglint.cli.judging import check_and_report
            from imglint.cli.reporting import Report
            from imglint.cli.run import Options

            check_and_report(Options(tuple(arguments[1:])), Report())
        if plain and arguments[:1] == ["image"] and arguments[1:]:
            from imglint.cli.images import new_run, read_options
            from imglint.cli.judgingimages import judge_and_report
            from imglint.cli.reporting import Report

            judge_and_report(new_run(None), tuple(arguments[1:]), read_options(), Report())
        from imglint.cli.main import cli

        cli(prog_name="imglint")
    except CommandError as error:
        tell(str(error))
        sys.exit(EXIT_FAILURE)
    except OSError as error:
        # Reading has its own words for what fails, so this is our output.
        discard_output()
        if not isinstance(error, BrokenPipeError):  # Then whoever read it has seen enough.
            tell(f"standard output cannot be written: {(error.strerror or 'unknown error').lower()}")
        sys.exit(EXIT_FAILURE)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # The interpreter looks for garbage once more when it ends, and would find nothing.
        gc.freeze()


if __name__ == "__main__":
    main()
