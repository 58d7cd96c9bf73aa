// A small set of emoji with words to find them by, in both languages. Pure.

const SET = `
😀 smile улыбка радость|😄 happy laugh смех|😂 joy tears смех слёзы|🤣 rofl хохот|😊 blush мило|😉 wink подмигнуть|😍 love eyes любовь|🥰 hearts обожаю|😘 kiss поцелуй|😎 cool круто
🤔 think думаю|🤨 doubt сомнение|😐 neutral нейтрально|🙄 eyeroll закатить|😅 sweat неловко|😇 angel ангел|🥳 party праздник|🤩 star вау|😋 yum вкусно|😜 tongue язык
🤗 hug обнимаю|🤫 quiet тихо|🤐 zip молчу|😴 sleep сон|😷 mask болею|🤒 ill болею|🤯 mind взрыв|😮 wow ого|😱 scream ужас|😢 cry грусть
😭 sob плач|😤 huff фырк|😡 angry злость|🤬 swear ругань|😈 devil чертёнок|💀 skull череп|👻 ghost призрак|🤖 robot робот|🤡 clown клоун|💩 poop какашка
👍 yes like да хорошо плюс|👎 no dislike нет минус|👌 ok хорошо|✌️ peace мир|🤞 luck удача|🤘 rock рок|👏 clap браво|🙌 hands ура|🙏 thanks please спасибо|🤝 deal договор
💪 strong сила|👋 wave hello привет пока|👀 eyes смотрю|🫡 salute есть|🤷 shrug незнаю|🤦 facepalm стыд|🧠 brain мозг|🦶 foot нога|✍️ write пишу|🫶 heart сердце
❤️ heart love сердце любовь|🧡 orange оранжевый|💛 yellow жёлтый|💚 green зелёный|💙 blue синий|💜 purple фиолетовый|🖤 black чёрный|💔 broken разбито|💯 hundred сто|✨ sparkles блеск
🔥 fire огонь|⭐ star звезда|🌟 glow звезда|⚡ lightning молния|💥 boom взрыв|🎉 party tada праздник|🎊 confetti конфетти|🎂 cake торт день|🎁 gift подарок|🏆 trophy кубок
✅ check done готово|❌ cross нет|❗ exclamation важно|❓ question вопрос|⚠️ warning внимание|🚀 rocket ракета|🎯 target цель|💡 idea идея|📌 pin булавка|🔒 lock замок
🎵 music музыка|🎤 mic микрофон|🎧 headphones наушники|🎮 game игра|🎬 film кино|📷 photo фото|💻 laptop ноутбук|🐛 bug баг|🛠️ tools инструменты|📚 books книги
🐶 dog собака|🐱 cat кот|🐭 mouse мышь|🦊 fox лиса|🐻 bear медведь|🐼 panda панда|🐸 frog лягушка|🐧 penguin пингвин|🦄 unicorn единорог|🦉 owl сова
🌲 tree ёлка|🌸 flower цветок|🌻 sunflower подсолнух|🍀 clover клевер|🌍 earth земля|🌙 moon луна|☀️ sun солнце|🌧️ rain дождь|❄️ snow снег|🌈 rainbow радуга
☕ coffee кофе|🍵 tea чай|🍺 beer пиво|🍷 wine вино|🍕 pizza пицца|🍔 burger бургер|🍎 apple яблоко|🍓 strawberry клубника|🍪 cookie печенье|🥐 croissant круассан
`;

// [{ emoji, words }]
export const EMOJI = SET.trim()
  .split(/[\n|]/)
  .map((line) => {
    const [emoji, ...words] = line.trim().split(" ");
    return { emoji, words };
  });

export const QUICK = ["👍", "❤️", "😂", "🎉", "👀", "🙏"];

export function findEmoji(query) {
  const wanted = query.trim().toLowerCase().replace(/^:/, "");
  if (!wanted) return EMOJI;
  return EMOJI.filter(({ emoji, words }) => emoji === wanted || words.some((word) => word.startsWith(wanted)));
}
