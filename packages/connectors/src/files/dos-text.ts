/** What the bytes from 80 to FF are in code page 850. @see https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP850.TXT */
const upper = [
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ',
  'áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐',
  '└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀',
  'ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
].join('')

/** What makes text of bytes; what is left at the end comes without any. */
export interface Decoder {
  decode(bytes?: Buffer, options?: { readonly stream: boolean }): string
}

/** The text of a file that Excel saved as “CSV (MS-DOS)”, which the platform has no decoder for. Every byte is a character. */
export const dosDecoder: Decoder = {
  decode: (bytes) =>
    (bytes?.toString('latin1') ?? '').replaceAll(
      /[\x80-\xff]/g,
      (byte) => upper[byte.charCodeAt(0) - 0x80] ?? byte,
    ),
}
