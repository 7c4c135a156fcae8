"""A mail server for tests, on aiosmtpd: it takes mail on a port of its own and misbehaves on demand.

Prints `port N` when it listens. Each line on standard input sets how the next mails are treated:
  accept            take them
  refuse            550 to the recipient
  later N           451 to the next N, then take them
  drop N            close the connection in the middle of the next N, then take them
and is answered with `ok`. Each mail taken is written to the folder as 1.eml, 2.eml and so on.
"""

import argparse
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Behaviour:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.name, self.times, self.taken = "accept", 0, 0

    def set(self, line):
        name, _, times = line.partition(" ")
        self.name, self.times = name, int(times or 0)

    def now(self, name):
        """Is this how the mail at hand is treated?"""
        if self.name != name or self.times == 0:
            return False
        self.times -= 1
        return True

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.name == "refuse":
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.now("later"):
            return "451 4.7.1 greylisted, come back later"
        self.taken += 1
        part = self.folder / f"{self.taken}.part"
        part.write_bytes(envelope.original_content)
        part.rename(self.folder / f"{self.taken}.eml")
        return f"250 2.0.0 taken as number {self.taken}"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if self.event_handler.now("drop"):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def settings(arguments):
    given = {"hostname": "mail.test", "enable_SMTPUTF8": False}
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
        if arguments.implicit:
            return given, context
        given.update(tls_context=context, require_starttls=True)
    if arguments.password:
        def authenticate(server, session, envelope, mechanism, data):
            good = (data.login, data.password) == (b"allclear", arguments.password.encode())
            # Handled would mean that the answer was given already.
            return AuthResult(success=good, handled=False)

        given.update(authenticator=authenticate, auth_required=True)
    return given, None


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--password")
    arguments = parser.parse_args()
    behaviour = Behaviour(arguments.folder)
    given, context = settings(arguments)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(behaviour, loop=loop, **given), "127.0.0.1", arguments.port, ssl=context
    )
    print("port", server.sockets[0].getsockname()[1], flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        behaviour.set(line.strip())
        print("ok", flush=True)


asyncio.run(main())
