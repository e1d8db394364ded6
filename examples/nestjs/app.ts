import {
  type ArgumentsHost,
  Body,
  Catch,
  ConflictException,
  Controller,
  Get,
  Module,
  type OnApplicationShutdown,
  Param,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Query,
} from '@nestjs/common'
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core'
import { CormError, Database, type Insertable, type Schema } from 'corm'
import { httpError } from '../shop/http-error.js'
import { Book } from '../shop/models.js'
import { pageNumber } from '../shop/page-number.js'

class SchemaPipe<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: Schema<T>) {}

  transform(value: unknown): T {
    return this.schema.parse(value)
  }
}

@Catch(CormError)
class CormErrorFilter extends BaseExceptionFilter {
  override catch(error: CormError, host: ArgumentsHost) {
    const known = httpError(error)
    if (known) host.switchToHttp().getResponse().status(known.status).json(known.body)
    else super.catch(error, host)
  }
}

@Controller('books')
class BooksController {
  @Get()
  list(@Query('page') page?: string) {
    return Book.with('author')
      .orderBy('title')
      .paginate({ page: pageNumber(page), size: 20 })
  }

  @Get(':id')
  show(@Param('id', ParseIntPipe) id: number) {
    return Book.with('author').findOrFail(id)
  }

  @Post()
  create(@Body(new SchemaPipe(Book.schema.insert)) data: Insertable<typeof Book>) {
    return Book.create(data)
  }

  @Post(':id/sell')
  async sell(@Param('id', ParseIntPipe) id: number) {
    const sold = await Book.transaction(async () => {
      const book = await Book.query().lock('update').findOrFail(id)
      return book.stock > 0 ? book.decrement('stock') : null
    })
    if (!sold) throw new ConflictException({ error: 'sold out' })
    return sold
  }
}

@Module({
  controllers: [BooksController],
  providers: [{ provide: APP_FILTER, useClass: CormErrorFilter }],
})
export class AppModule implements OnApplicationShutdown {
  // runs when the server has ended its requests
  async onApplicationShutdown() {
    await Database.get().close()
  }
}
