"""Types into a program on a pseudo terminal and prints what a person would see of it.

usage: terminal.py PROGRAM ARGUMENT... < SCRIPT

Each line of the script is `KEYS TAB TEXT`: KEYS, with Python's escapes, are typed, and TEXT is then
waited for on the screen; an empty TEXT waits for nothing. Lines `!COMMAND TAB TEXT` run a command of the
shell beside it instead of typing. Prints the program's exit status at the end.
"""

import codecs
import os
import pty
import select
import signal
import subprocess
import sys
import time

WAIT_SECONDS = 20


def wait_for(terminal, text, seen):
    """Reads until the text is seen behind what was seen before; gives up after some time."""
    limit = time.monotonic() + WAIT_SECONDS
    while text not in seen:
        left = limit - time.monotonic()
        ready = select.select([terminal], [], [], max(left, 0))[0]
        if not ready:
            sys.exit(f"never came: {text!r}\nseen: {seen!r}")
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            piece = b""
        if not piece:
            sys.exit(f"ended before {text!r}\nseen: {seen!r}")
        sys.stdout.buffer.write(piece)
        seen += piece
    return seen[seen.index(text) + len(text):]


def main():
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm"
        os.execvp(sys.argv[1], sys.argv[1:])
    seen = b""
    for line in sys.stdin:
        keys, _, text = line.rstrip("\n").partition("\t")
        if keys.startswith("!"):
            subprocess.run(keys[1:], shell=True, check=True, stdout=subprocess.DEVNULL)
        else:
            os.write(terminal, codecs.decode(keys, "unicode_escape").encode("utf-8"))
        text = codecs.decode(text, "unicode_escape").encode("utf-8")
        if text:
            seen = wait_for(terminal, text, seen)
    limit = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < limit:
        ready = select.select([terminal], [], [], 0.1)[0]
        if ready:
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                piece = b""
            sys.stdout.buffer.write(piece)
            if not piece:
                break
    else:
        os.kill(process, signal.SIGKILL)
        print("\nkilled")
    _, status = os.waitpid(process, 0)
    print(f"\nstatus {os.waitstatus_to_exitcode(status)}")


main()
