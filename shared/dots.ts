/** Dots, a bit each, rows from the top, the leftmost dot in bit 7; 1 is black. */
export interface Dots {
  readonly bytesPerRow: number;
  readonly rows: number;
  readonly data: Uint8Array;
}

/** RGBA, a byte each, as a canvas gives it. */
export interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Half of the ink. */
const HALF = 127.5;
/** How much of what a dot is too light or too dark goes to those not yet decided: right, below left, below, below right. */
const SPREAD = [
  [1, 0, 7 / 16],
  [-1, 1, 3 / 16],
  [0, 1, 5 / 16],
  [1, 1, 1 / 16],
] as const;

/**
 * Grey levels to black and white as Floyd and Steinberg do. What is transparent is paper. A picture that is black and white
 * already stays as it is.
 */
export function dithered({ data, width, height }: Pixels): Dots {
  const levels = Float32Array.from({ length: width * height }, (_, index) => greyOf(data, index * 4));
  const dots = emptyDots(width, height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const level = levels[y * width + x] ?? 255;
      const black = level < HALF;
      if (black) blacken(dots, x, y);
      const fault = level - (black ? 0 : 255);
      if (fault === 0) continue;
      for (const [right, down, share] of SPREAD) {
        const [nextX, nextY] = [x + right, y + down];
        if (nextX < 0 || nextX >= width || nextY >= height) continue;
        const at = nextY * width + nextX;
        levels[at] = (levels[at] ?? 255) + fault * share;
      }
    }
  }
  return dots;
}

/** Luma of Rec. 601, over white paper. */
function greyOf(data: Pixels['data'], at: number): number {
  const luma = 0.299 * (data[at] ?? 255) + 0.587 * (data[at + 1] ?? 255) + 0.114 * (data[at + 2] ?? 255);
  return 255 - (255 - luma) * ((data[at + 3] ?? 255) / 255);
}

export function emptyDots(width: number, rows: number): Dots {
  const bytesPerRow = Math.ceil(width / 8);
  return { bytesPerRow, rows, data: new Uint8Array(bytesPerRow * rows) };
}

export function blacken({ bytesPerRow, data }: Dots, x: number, y: number): void {
  const at = y * bytesPerRow + (x >> 3);
  data[at] = (data[at] ?? 0) | (0x80 >> (x & 7));
}

export function isBlack({ bytesPerRow, data }: Dots, x: number, y: number): boolean {
  return ((data[y * bytesPerRow + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
}
