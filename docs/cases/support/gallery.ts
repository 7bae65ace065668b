/** Rows of images of 8 x 8, each row with its name, as the text of an SVG. */
export const gallery = (
  title: string,
  rows: readonly { readonly name: string; readonly images: ArrayLike<number> }[],
): string => {
  const [cell, gap, left, top] = [5, 8, 110, 40]
  const side = 8 * cell
  const count = Math.max(...rows.map(({ images }) => images.length / 64))
  const [width, height] = [left + count * (side + gap) + 8, top + rows.length * (side + gap) + 4]
  const grey = (ink: number): string => {
    const level = Math.round(255 * (1 - Math.min(1, Math.max(0, ink))))
    return `#${level.toString(16).padStart(2, '0').repeat(3)}`
  }
  const drawn = rows.flatMap(({ name, images }, r) => {
    const y0 = top + r * (side + gap)
    const pixels = Array.from(images, (ink, k) => {
      const colour = grey(ink)
      if (colour === '#ffffff') return ''
      const [image, at] = [Math.floor(k / 64), k % 64]
      const [x, y] = [left + image * (side + gap) + cell * (at % 8), y0 + cell * Math.floor(at / 8)]
      return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${colour}"/>`
    })
    const frames = Array.from(
      { length: images.length / 64 },
      (_, i) =>
        `<rect x="${left + i * (side + gap) - 0.5}" y="${y0 - 0.5}" width="${side + 1}" height="${side + 1}" fill="none" stroke="#cccccc"/>`,
    )
    return [`<text x="8" y="${y0 + side / 2 + 4}">${name}</text>`, ...pixels, ...frames]
  })
  return `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"><title>${title}</title><rect width="${width}" height="${height}" fill="#ffffff"/><g font-family="system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif" font-size="12" fill="#333333"><text x="8" y="22" font-size="14" font-weight="600">${title}</text>${drawn.join('')}</g></svg>`
}
