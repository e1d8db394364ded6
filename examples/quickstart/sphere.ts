/** In degrees: south and west are negative. */
export interface Position {
  readonly latitude: number
  readonly longitude: number
}

/** The mean radius of the earth. */
const KILOMETRES = 6371.0088

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** The point on a sphere of radius 1. The straight line between two of them grows with the way over the ground. */
export function unitVector(position: Position): [x: number, y: number, z: number] {
  const [latitude, longitude] = [radians(position.latitude), radians(position.longitude)]
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)]
}

/** The way over the ground: https://en.wikipedia.org/wiki/Haversine_formula */
export function haversine(a: Position, b: Position): number {
  const [north, east] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)]
  const h =
    Math.sin(north / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(east / 2) ** 2
  return 2 * KILOMETRES * Math.asin(Math.sqrt(h))
}
