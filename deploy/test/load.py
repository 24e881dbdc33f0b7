#!/usr/bin/env python3
"""Keep-alive load on an HTTP server, which counts every request that got no right answer.

load.py HOST PORT CONNECTIONS STOPFILE FIGURES

Each connection asks one request after the other until STOPFILE exists. A request is lost when its connection ends or
its answer is not the expected page. FIGURES is written about every 0.2 s: requests, lost, the longest answer in ms.
"""

import asyncio
import os
import sys
import time

HOST, PORT, CONNECTIONS, STOP, FIGURES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
REQUEST = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()

asked = lost = 0
longest = 0.0
reasons = {}
expected = None
ending = False


def lose(reason):
    global lost
    lost += 1
    reasons[reason] = reasons.get(reason, 0) + 1


async def ask(reader, writer):
    global expected
    writer.write(REQUEST)
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1].decode()
    length = 0
    closes = False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
        closes |= line == b"connection: close"
    body = await reader.readexactly(length)
    if status != "200":
        return "status " + status, closes
    if expected is None:
        expected = body
    return (None if body == expected else "another page"), closes


async def connection():
    global asked, longest
    reader = writer = None
    while not ending:
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(HOST, PORT)
            asked += 1
            began = time.monotonic()
            fault, closes = await asyncio.wait_for(ask(reader, writer), 30)
            longest = max(longest, time.monotonic() - began)
            if fault:
                lose(fault)
            if closes:
                writer.close()
                writer = None
        except Exception as e:
            lose(type(e).__name__)
            if writer is not None:
                writer.close()
            writer = None
            await asyncio.sleep(0.01)


async def main():
    global ending
    tasks = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    while not ending:
        ending = os.path.exists(STOP)
        with open(FIGURES + ".new", "w") as out:
            print(asked, lost, round(longest * 1000), reasons or "", file=out)
        os.rename(FIGURES + ".new", FIGURES)
        await asyncio.sleep(0.2)
    await asyncio.gather(*tasks)
    with open(FIGURES, "w") as out:
        print(asked, lost, round(longest * 1000), reasons or "", file=out)


asyncio.run(main())
