"""A Redis of our own, on a unix socket and in memory only, and the few commands that are asked of
it. It is shared by all systems that store."""

import socket
from collections.abc import Sequence
from pathlib import Path

from bench.processes import Process


def request_of(words: Sequence[str]) -> bytes:
    request = [f"*{len(words)}\r\n"]
    request += [f"${len(word)}\r\n{word}\r\n" for word in words]
    return "".join(request).encode()


class Redis:
    def __init__(self, directory: Path, *options: str) -> None:
        """`options` are redis-server's own, and come after ours."""
        self.socket_path = directory / "redis.sock"
        self.process = Process(
            "redis", ["redis-server", "--port", "0", "--unixsocket", str(self.socket_path),
                      "--dir", str(directory), "--save", "", "--appendonly", "no",
                      "--daemonize", "no", *options], directory)
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(60)
        self._answers = self._connection.makefile("rb")
        try:
            self.process.await_ready(self._connects)
        except BaseException:
            self.stop()
            raise

    def _connects(self) -> bool:
        """The socket's file is there a little before anybody listens on it."""
        return self._connection.connect_ex(str(self.socket_path)) == 0

    def command(self, *words: str) -> str:
        """One command's answer, which must be of one line or one string."""
        self._connection.sendall(request_of(words))
        return self._answer(words[0])

    def pipeline(self, commands: list[list[str]]) -> None:
        """Sent at once, then answered, each as above. Redis keeps what it answers meanwhile."""
        self._connection.sendall(b"".join(request_of(words) for words in commands))
        for words in commands:
            self._answer(words[0])

    def _answer(self, name: str) -> str:
        line = self._answers.readline().decode().rstrip("\r\n")
        if line.startswith("$"):
            text: bytes = self._answers.read(int(line[1:]) + 2)
            return text[:-2].decode()
        if line.startswith("-"):
            raise RuntimeError(f"redis: {name}: {line[1:]}")
        return line[1:]

    def length(self, stream: str) -> int:
        return int(self.command("XLEN", stream))

    def lines_of_last_entry(self, stream: str) -> int:
        """Of its first value: the records that a packed entry holds. 0 without an entry."""
        return int(self.command(
            "EVAL", "local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]; "
            "return last and select(2, string.gsub(last[2][2], '\\n', '')) or 0", "1", stream))

    def empty(self) -> None:
        """At once and not in the background, where it would be beside the next run."""
        self.command("FLUSHALL", "SYNC")

    def stop(self) -> None:
        self._answers.close()
        self._connection.close()
        self.process.stop()
