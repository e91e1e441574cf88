using System.Buffers.Binary;
using CloudPbx.Rtp.Security;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace CloudPbx.Rtp.Tests.Security;

/// <summary>RFC 3711, RFC 6188 and RFC 7714 once more, plainly, on BouncyCastle's AES, HMAC and GCM: the oracle for <c>SrtpContext</c>.</summary>
internal sealed class ReferenceSrtp(SrtpProfile profile, byte[] masterKey, byte[] masterSalt)
{
    private readonly bool _aead = profile is SrtpProfile.AeadAes128Gcm or SrtpProfile.AeadAes256Gcm;

    public byte[] ProtectRtp(byte[] packet, int headerLength, uint rolloverCounter)
    {
        ulong index = ((ulong)rolloverCounter << 16) | BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
        if (_aead)
            return [.. packet[..headerLength], .. Seal(packet[headerLength..], BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8)), index, packet[..headerLength], label: 0)];
        byte[] encrypted = Crypt(packet, headerLength, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(8)), index, label: 0);
        byte[] word = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(word, rolloverCounter);
        return [.. encrypted, .. Tag(encrypted, word, 1).AsSpan(0, profile.RtpTagLength())];
    }

    public byte[] ProtectRtcp(byte[] packet, uint index)
    {
        byte[] word = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(word, index | 0x8000_0000);
        if (_aead)
            return [.. packet[..8], .. Seal(packet[8..], BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)), index, [.. packet[..8], .. word], label: 3), .. word];
        byte[] encrypted = Crypt(packet, 8, BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(4)), index, label: 3);
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
        Stream(Derive(label, masterKey.Length), counter, result.AsSpan(from));
        return result;
    }

    /// <summary>Encrypted data and tag (RFC 7714 §8.1, §9.1).</summary>
    private byte[] Seal(byte[] data, uint ssrc, ulong index, byte[] associated, byte label)
    {
        byte[] nonce = Derive((byte)(label + 2), 12);
        for (int i = 0; i < 4; i++)
            nonce[2 + i] ^= (byte)(ssrc >> (24 - (8 * i)));
        for (int i = 0; i < 6; i++)
            nonce[6 + i] ^= (byte)(index >> (40 - (8 * i)));
        var gcm = new GcmBlockCipher(new AesEngine());
        gcm.Init(true, new AeadParameters(new KeyParameter(Derive(label, masterKey.Length)), 128, nonce, associated));
        byte[] result = new byte[data.Length + 16];
        int length = gcm.ProcessBytes(data, 0, data.Length, result, 0);
        gcm.DoFinal(result, length);
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
