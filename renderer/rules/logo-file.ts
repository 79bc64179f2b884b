import { type Dots, dithered, isBlack } from '../../shared/dots.ts';
import { LOGO_BYTES_MAX, LOGO_HEIGHT_MAX, LOGO_WIDTH_MAX } from '../../shared/slip-design.ts';

/** What a picture may weigh before it is looked at. */
const FILE_BYTES_MAX = 10 * 1024 * 1024;
/** A picture that is too large as a file is made smaller by this, until it fits. */
const SMALLER = 0.8;
const TRIES_MAX = 8;

/**
 * A picture as a store's logo: as large as fits on the narrower paper, in black and white as the printer prints it, PNG in
 * base64. Null for a file that is no picture, or too large.
 */
export async function readLogo(file: Blob): Promise<string | null> {
  if (file.size > FILE_BYTES_MAX) return null;
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  let scale = Math.min(1, LOGO_WIDTH_MAX / picture.width, LOGO_HEIGHT_MAX / picture.height);
  for (let count = 0; count < TRIES_MAX; count += 1, scale *= SMALLER) {
    const png = await drawn(picture, scale);
    if (png === null) return null;
    if (png.length <= LOGO_BYTES_MAX) return toBase64(png);
  }
  return null;
}

async function drawn(picture: ImageBitmap, scale: number): Promise<Uint8Array | null> {
  const width = Math.max(1, Math.floor(picture.width * scale));
  const height = Math.max(1, Math.floor(picture.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) return null;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  context.putImageData(inkOf(dithered(context.getImageData(0, 0, width, height)), width), 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}

/** Dots as black on white. */
export function inkOf(dots: Dots, width: number): ImageData {
  const image = new ImageData(width, dots.rows);
  for (let y = 0; y < dots.rows; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const level = isBlack(dots, x, y) ? 0 : 255;
      image.data.set([level, level, level, 255], (y * width + x) * 4);
    }
  }
  return image;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
