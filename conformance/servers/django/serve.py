"""Serves both authorization servers: python serve.py DATABASE [PORT].

Listens on 127.0.0.1, by default at a port that the system picks, prints the port and ends when
standard input does.
"""

import os
import sys
import threading

from waitress.server import create_server


def main(database: str, port: str = "0") -> None:
    """Serves until standard input ends."""
    os.environ["DATABASE"] = database
    from servers.wsgi import application

    # With more threads several requests win the race for one refresh token: as many 200s.
    server = create_server(
        application,
        host="127.0.0.1",
        port=int(port),
        threads=1,
        ident=None,
        connection_limit=1000,
        asyncore_use_poll=True,
    )
    print(server.effective_port, flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    server.run()


def end_with_input() -> None:
    """Ends the process when whoever started it is gone."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
