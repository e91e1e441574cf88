using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CloudPbx.Rtp.Security;

/// <summary>Counter mode on the platform's AES, for processors without AES instructions that we use.</summary>
internal sealed class PortableCounterMode : AesCounterMode
{
    private const int BlocksAtOnce = 16;
    private readonly Aes _aes;
    private readonly ICryptoTransform _encryptor;
    private readonly byte[] _counters = new byte[BlocksAtOnce * BlockLength];
    private readonly byte[] _stream = new byte[BlocksAtOnce * BlockLength];

    public PortableCounterMode(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
#pragma warning disable CA5358 // ECB of distinct counter blocks is counter mode.
        _aes.Mode = CipherMode.ECB;
#pragma warning restore CA5358
        _aes.Padding = PaddingMode.None;
        _aes.Key = key.ToArray();
        _encryptor = _aes.CreateEncryptor();
    }

    public override void Apply(Span<byte> data, ReadOnlySpan<byte> counter)
    {
        for (int block = 0; !data.IsEmpty; block += BlocksAtOnce)
        {
            int blocks = Math.Min(BlocksAtOnce, (data.Length + BlockLength - 1) / BlockLength);
            for (int i = 0; i < blocks; i++)
            {
                Span<byte> one = _counters.AsSpan(i * BlockLength, BlockLength);
                counter.CopyTo(one);
                BinaryPrimitives.WriteUInt16BigEndian(one[14..], (ushort)(block + i));
            }
            _encryptor.TransformBlock(_counters, 0, blocks * BlockLength, _stream, 0);
            int length = Math.Min(data.Length, blocks * BlockLength);
            for (int i = 0; i < length; i++)
                data[i] ^= _stream[i];
            data = data[length..];
        }
    }

    public override void Dispose()
    {
        _encryptor.Dispose();
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_stream);
    }
}
