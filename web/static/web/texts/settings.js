export const en = {
};

export const ru = {
};
