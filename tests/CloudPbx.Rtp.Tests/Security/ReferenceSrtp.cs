using System.Buffers.Binary;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace CloudPbx.Rtp.Tests.Security;

/// <summary>RFC 3711 once more, plainly, on BouncyCastle's AES and HMAC: the oracle for <c>SrtpContext</c>.</summary>
internal sealed class ReferenceSrtp(byte[] masterKey, byte[] masterSalt, int tagLength)
{
    public byte[] ProtectRtp(byte[] packet, int headerLength, uint rolloverCounter)
    {
        ulong index = ((ulong)rolloverCounter << 16) | BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
        byte[] encrypted = Crypt(packet, headerLength, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8)), index, label: 0);
        byte[] word = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(word, rolloverCounter);
        return [.. encrypted, .. Tag(encrypted, word, 1).AsSpan(0, tagLength)];
    }

    public byte[] ProtectRtcp(byte[] packet, uint index)
    {
        byte[] encrypted = Crypt(packet, 8, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)), index, label: 3);
        byte[] word = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(word, index | 0x8000_0000);
        return [.. encrypted, .. word, .. Tag(encrypted, word, 4).AsSpan(0, 10)];
    }

    private byte[] Crypt(byte[] packet, int from, uint ssrc, ulong index, byte label)
    {
        byte[] counter = new byte[16];
        Derive((byte)(label + 2), 14).CopyTo(counter, 0);
        for (int i = 0; i < 4; i++)
            counter[4 + i] ^= (byte)(ssrc >> (24 - (8 * i)));
        for (int i = 0; i < 6; i++)
            counter[8 + i] ^= (byte)(index >> (40 - (8 * i)));
        byte[] result = (byte[])packet.Clone();
        Stream(Derive(label, 16), counter, result.AsSpan(from));
        return result;
    }

    private byte[] Tag(byte[] packet, byte[] word, byte label)
    {
        var mac = new HMac(new Sha1Digest());
        mac.Init(new KeyParameter(Derive(label, 20)));
        mac.BlockUpdate(packet, 0, packet.Length);
        mac.BlockUpdate(word, 0, 4);
        byte[] digest = new byte[20];
        mac.DoFinal(digest, 0);
        return digest;
    }

    private byte[] Derive(byte label, int length)
    {
        byte[] counter = new byte[16], output = new byte[length];
        masterSalt.CopyTo(counter, 0);
        counter[7] ^= label;
        Stream(masterKey, counter, output);
        return output;
    }

    private static void Stream(byte[] key, byte[] counter, Span<byte> data)
    {
        var cipher = new SicBlockCipher(new AesEngine());
        cipher.Init(true, new ParametersWithIV(new KeyParameter(key), counter));
        byte[] block = new byte[16], stream = new byte[16];
        for (int at = 0; at < data.Length; at += 16)
        {
            cipher.ProcessBlock(block, 0, stream, 0);
            for (int i = 0; i < 16 && at + i < data.Length; i++)
                data[at + i] ^= stream[i];
        }
    }
}
