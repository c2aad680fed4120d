// @ts-check
// What the page around a frame sets in the address, and no setting of ours.

export const OF_THE_HOST = ["embed", "embed_options"]
