// Messages: the log, the composer, search.

export const en = {
  messagesIn: "Messages in {name}", messageTo: "Message {name}", send: "Send", sending: "Sending …", sendAgain: "Send again", discard: "Discard",
  newMessages: "New", newBelow: { one: "{n} new message", other: "{n} new messages" }, toPresent: "Go to the newest",
  beginningOfChannel: "This is where {name} begins.", beginningOfConversation: "This is where your conversation begins.",
  typing: { one: "{names} is writing", other: "{names} are writing" }, manyTyping: "Several people are writing",
  pins: "Pinned messages", pin: "Pin", unpin: "Unpin", pinned: "Pinned", noPins: "Nothing is pinned", noPinsText: "What is worth keeping at hand is pinned from a message's menu.",
  search: "Search", searchFor: "Search messages", wholeServer: "In the whole server", searchTitle: "Find what was said", searchText: "Any part of a message, in capitals or not.", foundCount: { one: "{n} message", other: "{n} messages" },
  reply: "Reply", replyingTo: "Reply to {name}", cancelReply: "No reply", originalGone: "This message was deleted", attachment: "A file",
  edit: "Edit", editMessage: "Edit the message", edited: "edited", editHint: "Enter saves, Escape leaves it as it was",
  deleteMessage: "Delete message", deleteMessageText: "It will be gone for everybody.", copyText: "Copy text", copyLink: "Copy link", copiedText: "Copied", more: "More", messageTools: "What to do with the message",
  react: "React", reactWith: "React with {emoji}", reactions: "Reactions", reactionOf: "{emoji}, {n}", emoji: "Emoji", findEmoji: "Find an emoji",
  attachFile: "Attach a file", removeFile: "Remove {name}", uploading: "Uploading {name}", tooManyFiles: "At most {n} files in one message", dropHere: "Drop files to send them to {name}",
  showPicture: "Show {name}", download: "Download", spoiler: "Hidden text: show it", mayNotWrite: "You may read here, but not write.", deletedUser: "Deleted account", bot: "bot",
};

export const ru = {
  messagesIn: "Сообщения в {name}", messageTo: "Сообщение в {name}", send: "Отправить", sending: "Отправляется …", sendAgain: "Отправить снова", discard: "Убрать",
  newMessages: "Новые", newBelow: { one: "{n} новое сообщение", few: "{n} новых сообщения", many: "{n} новых сообщений", other: "{n} новых сообщения" }, toPresent: "К последним",
  beginningOfChannel: "Здесь начинается {name}.", beginningOfConversation: "Здесь начинается ваш разговор.",
  typing: { one: "{names} пишет", few: "{names} пишут", many: "{names} пишут", other: "{names} пишут" }, manyTyping: "Несколько человек пишут",
  pins: "Закреплённые", pin: "Закрепить", unpin: "Открепить", pinned: "Закреплено", noPins: "Ничего не закреплено", noPinsText: "То, что стоит держать под рукой, закрепляют из меню сообщения.",
  search: "Поиск", searchFor: "Искать в сообщениях", wholeServer: "На всём сервере", searchTitle: "Найти сказанное", searchText: "Любая часть сообщения, регистр не важен.", foundCount: { one: "{n} сообщение", few: "{n} сообщения", many: "{n} сообщений", other: "{n} сообщения" },
  reply: "Ответить", replyingTo: "Ответ: {name}", cancelReply: "Не отвечать", originalGone: "Это сообщение удалено", attachment: "Файл",
  edit: "Изменить", editMessage: "Изменить сообщение", edited: "изменено", editHint: "Enter сохраняет, Escape оставляет как было",
  deleteMessage: "Удалить сообщение", deleteMessageText: "Оно исчезнет для всех.", copyText: "Копировать текст", copyLink: "Копировать ссылку", copiedText: "Скопировано", more: "Ещё", messageTools: "Действия с сообщением",
  react: "Реакция", reactWith: "Реакция {emoji}", reactions: "Реакции", reactionOf: "{emoji}, {n}", emoji: "Эмодзи", findEmoji: "Найти эмодзи",
  attachFile: "Приложить файл", removeFile: "Убрать {name}", uploading: "Загружается {name}", tooManyFiles: "В сообщении не больше {n} файлов", dropHere: "Отпустите файлы, чтобы отправить их в {name}",
  showPicture: "Показать {name}", download: "Скачать", spoiler: "Скрытый текст: показать", mayNotWrite: "Здесь можно читать, но не писать.", deletedUser: "Удалённый аккаунт", bot: "бот",
};
