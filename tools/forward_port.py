"""Hand connections from one port to another of this machine: `forward_port.py FROM TO`.

docker-compose.yml needs it, because a published port never reaches a process on loopback.
"""

import asyncio
import contextlib
import sys

CHUNK_BYTES = 65536


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until either side ends."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def forward(listen_port: int, target_port: int, *, host: str = "0.0.0.0") -> None:  # noqa: S104 (the container's own network; compose publishes it on this machine only)
    """Serve until cancelled; a target that is away ends the one connection."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            try:
                target = await asyncio.open_connection("127.0.0.1", target_port)
            except OSError as error:
                print(f"target away: {error}", file=sys.stderr)
                return
            with contextlib.closing(target[1]):
                await asyncio.gather(copy(reader, target[1]), copy(target[0], writer))

    server = await asyncio.start_server(connected, host, listen_port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(forward(int(sys.argv[1]), int(sys.argv[2])))
