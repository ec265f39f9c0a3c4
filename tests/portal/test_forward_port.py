"""The door of docker-compose.yml hands connections on, both ways, and survives a target away."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from tools.forward_port import forward


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


async def ask_through_the_door(*, target_is_up: bool) -> bytes:
    """Send `ping` to the door and return everything that comes back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).upper())
        await writer.drain()
        writer.close()

    door, target = free_port(), free_port()
    server = await asyncio.start_server(echo, "127.0.0.1", target) if target_is_up else None
    serving = asyncio.create_task(forward(door, target, host="127.0.0.1"))
    await asyncio.sleep(0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", door)
    writer.write(b"ping")
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), timeout=5)
    writer.close()
    serving.cancel()
    if server:
        server.close()
    return answer


def ask(*, target_is_up: bool) -> bytes:
    """In a thread of its own: a worker that drove a browser has a loop running in this one."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, ask_through_the_door(target_is_up=target_is_up)).result()


def test_what_is_said_at_the_door_reaches_the_target_and_back() -> None:
    assert ask(target_is_up=True) == b"PING"


def test_a_target_away_ends_the_connection_and_not_the_door() -> None:
    assert ask(target_is_up=False) == b""
