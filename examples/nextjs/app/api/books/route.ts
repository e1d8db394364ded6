import { ValidationError } from 'corm'
import { Book } from '../../../lib/models'

export async function GET() {
  return Response.json(await Book.with('author').orderBy('title'))
}

export async function POST(request: Request) {
  try {
    const data = Book.schema.insert.parse(await request.json())
    return Response.json(await Book.create(data), { status: 201 })
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return Response.json({ issues: error.issues }, { status: 422 })
  }
}
