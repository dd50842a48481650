// Runs npm's telegram-test-api on the port given, with the few answers that python-telegram-bot needs and it lacks:
// `is_bot` in getMe, getWebhookInfo, settings that a bot makes about itself, and dates in seconds.
const { routes } = require("telegram-test-api/lib/routes/index");
const { TelegramServer } = require("telegram-test-api/lib/telegramServer");

const done = ["setMyCommands", "setMyDescription", "setMyShortDescription", "sendChatAction", "setMessageReaction"];
const me = { id: 666, is_bot: true, first_name: "Nakodo", username: "TestNameBot" };
const nowhere = { url: "", has_custom_certificate: false, pending_update_count: 0 };

routes.unshift((app, server) => {
  const answers = (method, result) => app.all(`/bot:token/${method}`, (req, res) => res.json({ ok: true, result: result(req) }));
  answers("getMe", () => me);
  answers("getWebhookInfo", () => nowhere);
  done.forEach((method) => answers(method, () => true));
  answers("sendMessage", (req) => {
    const { message_id, date, chat, text } = server.addBotMessage(req.body, req.params.token);
    return { message_id, date: Math.floor(date / 1000), chat, text };
  });
});

const server = new TelegramServer({ port: Number(process.argv[2]), host: "127.0.0.1", storeTimeout: 600 });
server.start().then(() => console.log("up"));
