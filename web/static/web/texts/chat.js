// Messages: the log, the composer, search.

export const en = {
};

export const ru = {
};
