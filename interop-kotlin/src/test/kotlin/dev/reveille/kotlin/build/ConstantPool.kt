package dev.reveille.kotlin.build

import java.io.DataInputStream
import java.io.InputStream

/** A method or field that a class file names: what the JVM looks for when it links. */
internal data class Reference(val owner: String, val name: String, val descriptor: String) {
    val isField: Boolean get() = !descriptor.startsWith("(")

    override fun toString(): String = "$owner.$name${if (isField) ": " else ""}$descriptor"
}

/** The part of a class file that names other classes and their members (JVMS 4.4). */
internal class ConstantPool private constructor(private val entries: Array<Any?>) {
    private class Ref(val owner: Int, val nameAndType: Int)

    private class NameAndType(val name: Int, val type: Int)

    private class ClassName(val name: Int)

    val classes: List<String> get() = entries.filterIsInstance<ClassName>().map { text(it.name).replace('/', '.') }

    val references: List<Reference>
        get() =
            entries.filterIsInstance<Ref>().map { ref ->
                val nameAndType = entries[ref.nameAndType] as NameAndType
                Reference(
                    text((entries[ref.owner] as ClassName).name).replace('/', '.'),
                    text(nameAndType.name),
                    text(nameAndType.type),
                )
            }

    private fun text(index: Int): String = entries[index] as String

    companion object {
        fun read(classFile: InputStream): ConstantPool {
            val data = DataInputStream(classFile.buffered())
            check(data.readInt() == 0xCAFEBABE.toInt()) { "not a class file" }
            data.readInt() // its version
            val entries = arrayOfNulls<Any>(data.readUnsignedShort())
            var index = 1
            while (index < entries.size) {
                val tag = data.readUnsignedByte()
                entries[index] = entry(tag, data)
                index += if (tag == 5 || tag == 6) 2 else 1 // long and double take two places
            }
            return ConstantPool(entries)
        }

        private fun entry(tag: Int, data: DataInputStream): Any? = when (tag) {
            1 -> data.readUTF()
            7 -> ClassName(data.readUnsignedShort())
            9, 10, 11 -> Ref(data.readUnsignedShort(), data.readUnsignedShort())
            12 -> NameAndType(data.readUnsignedShort(), data.readUnsignedShort())
            8, 16, 19, 20 -> null.also { data.skipBytes(2) }
            15 -> null.also { data.skipBytes(3) }
            3, 4, 17, 18 -> null.also { data.skipBytes(4) }
            5, 6 -> null.also { data.skipBytes(8) }
            else -> error("unknown tag $tag in a constant pool")
        }
    }
}
