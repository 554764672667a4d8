// A mail server that takes mails over STARTTLS from whoever knows the password, and writes down what it understood.
// node mailbox.mjs KEY CERTIFICATE FILE: prints its port; one line of JSON a mail goes to FILE.
import { appendFileSync, readFileSync } from "node:fs";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

const [key, cert, file] = process.argv.slice(2);

const collect = async (stream) => {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

const server = new SMTPServer({
  key: readFileSync(key),
  cert: readFileSync(cert),
  authMethods: ["PLAIN", "LOGIN"],
  onAuth({ username, password }, _session, done) {
    const known = username === "registrar" && password === "correct horse";
    known ? done(null, { user: username }) : done(new Error("who is that?"));
  },
  onRcptTo({ address }, _session, done) {
    if (!address.startsWith("gone@")) return done();
    done(Object.assign(new Error("no such person"), { responseCode: 550 }));
  },
  async onData(stream, session, done) {
    const mail = await PostalMime.parse(await collect(stream));
    const line = {
      envelope: session.envelope.rcptTo.map(({ address }) => address),
      secure: session.secure,
      user: session.user,
      message_id: mail.messageId,
      from: mail.from,
      bcc: mail.bcc ?? null,
      auto_submitted: mail.headers.find(({ key }) => key === "auto-submitted")?.value,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    done(null, "taken");
  },
});

server.on("error", (error) => console.error(error.message));
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
