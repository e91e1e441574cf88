using CloudPbx.Rtp.Security;

namespace CloudPbx.Rtp.Tests.Security;

/// <summary>RFC 3711 appendix B, RFC 6188 §7 and RFC 7714 §16 and §17, with every implementation of the primitives that this machine has.</summary>
public sealed class SrtpVectorTests
{
    private static readonly byte[] s_masterKey = Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139");
    private static readonly byte[] s_masterSalt = Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6");

    // RFC 6188 §7.2
    private static readonly byte[] s_masterKey256 = Convert.FromHexString("F0F04914B513F2763A1B1FA130F10E2998F6F6E43E4309D1E622A0E332B9F1B6");
    private static readonly byte[] s_masterSalt256 = Convert.FromHexString("3B04803DE51EE7C96423AB5B78D2");

    public static TheoryData<bool, bool> Primitives
    {
        get
        {
            var data = new TheoryData<bool, bool> { { false, false } };
            if (AesNiCounterMode.IsSupported)
                data.Add(true, false);
            if (SrtpPrimitives.Fastest.Native)
                data.Add(false, true);
            if (AesNiCounterMode.IsSupported && SrtpPrimitives.Fastest.Native)
                data.Add(true, true);
            return data;
        }
    }

    [Theory, MemberData(nameof(Primitives))]
    public void The_key_stream_is_that_of_appendix_B2(bool aes, bool libcrypto)
    {
        using AesCounterMode cipher = new SrtpPrimitives(aes, libcrypto).CreateCipher(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"));
        byte[] stream = new byte[0xFF02 * 16];
        cipher.Apply(stream, Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"));
        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Convert.ToHexString(stream, 0, 48));
        Assert.Equal("EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44", Convert.ToHexString(stream, 0xFEFF * 16, 48));
    }

    [Theory, MemberData(nameof(Primitives))]
    public void The_session_keys_are_those_of_appendix_B3(bool aes, bool libcrypto)
    {
        using AesCounterMode derivation = new SrtpPrimitives(aes, libcrypto).CreateCipher(s_masterKey);
        byte[] cipher = new byte[16], salt = new byte[14], authentication = new byte[94];
        KeyDerivation.Derive(derivation, s_masterSalt, 0, cipher);
        KeyDerivation.Derive(derivation, s_masterSalt, 1, authentication);
        KeyDerivation.Derive(derivation, s_masterSalt, 2, salt);
        Assert.Equal("C61E7A93744F39EE10734AFE3FF7A087", Convert.ToHexString(cipher));
        Assert.Equal("30CBBC08863D8C85D49DB34A9AE1", Convert.ToHexString(salt));
        Assert.Equal(
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
            Convert.ToHexString(authentication));
    }

    [Fact]
    public void Every_length_has_the_same_digest_as_by_the_platform()               // RFC 2104, RFC 3174 §4: where the padding takes a block of its own, too
    {
        if (!LibcryptoHmacSha1.IsSupported)
            Assert.Skip("This machine has no libcrypto.");
        using HmacSha1 native = new LibcryptoHmacSha1(s_masterSalt), platform = new PlatformHmacSha1(s_masterSalt);
        byte[] packet = new byte[300], ours = new byte[HmacSha1.DigestLength], theirs = new byte[HmacSha1.DigestLength];
        new Random(5).NextBytes(packet);
        for (int length = 0; length <= packet.Length; length++)
        {
            native.Compute(packet.AsSpan(0, length), (uint)length, ours);
            platform.Compute(packet.AsSpan(0, length), (uint)length, theirs);
            Assert.Equal(theirs, ours);
        }
    }

    [Theory, MemberData(nameof(Primitives))]
    public void A_packet_becomes_what_libsrtp_documents(bool aes, bool libcrypto)
    {
        // The reference packet of libsrtp's own validation.
        using var context = new SrtpContext(SrtpProfile.AesCm128HmacSha1Tag80, s_masterKey, s_masterSalt, new SrtpPrimitives(aes, libcrypto));
        byte[] buffer = new byte[38];
        Convert.FromHexString("800F1234DECAFBADCAFEBABEABABABABABABABABABABABABABABABAB").CopyTo(buffer, 0);
        Assert.Equal(SrtpError.None, context.ProtectRtp(buffer, 28, out int length));
        Assert.Equal("800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB", Convert.ToHexString(buffer, 0, length));
    }

    [Theory, MemberData(nameof(Primitives))]
    public void Session_keys_of_256_bits_are_those_of_RFC_6188(bool aes, bool libcrypto)                // §7.2
    {
        using AesCounterMode derivation = new SrtpPrimitives(aes, libcrypto).CreateCipher(s_masterKey256);
        byte[] cipher = new byte[32], salt = new byte[14], authentication = new byte[20];
        KeyDerivation.Derive(derivation, s_masterSalt256, 0, cipher);
        KeyDerivation.Derive(derivation, s_masterSalt256, 1, authentication);
        KeyDerivation.Derive(derivation, s_masterSalt256, 2, salt);
        Assert.Equal("5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4", Convert.ToHexString(cipher));
        Assert.Equal("FA31791685CA444A9E07C6C64E93", Convert.ToHexString(salt));
        Assert.Equal("FD9C32D39ED5FBB5A9DC96B30818454D1313DC05", Convert.ToHexString(authentication));
    }

    [Theory, MemberData(nameof(Primitives))]
    public void A_packet_under_256_bits_becomes_what_libsrtp_documents(bool aes, bool libcrypto)
    {
        using var context = new SrtpContext(SrtpProfile.AesCm256HmacSha1Tag80, s_masterKey256, s_masterSalt256, new SrtpPrimitives(aes, libcrypto));
        byte[] buffer = new byte[38];
        Convert.FromHexString("800F1234DECAFBADCAFEBABEABABABABABABABABABABABABABABABAB").CopyTo(buffer, 0);
        Assert.Equal(SrtpError.None, context.ProtectRtp(buffer, 28, out int length));
        Assert.Equal("800F1234DECAFBADCAFEBABEF1D9DE17FF251FF1AA007774B0B4B40DA08D9D9A5B3A55D8873B", Convert.ToHexString(buffer, 0, length));
    }

    [Theory, MemberData(nameof(Primitives))]
    public void Aead_packets_are_those_of_RFC_7714(bool aes, bool libcrypto)                            // §16.1.1, §16.1.2, §16.2.1, §16.2.2
    {
        const string Plain = "8040F17B8041F8D35501A0B247616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573";
        (int, string)[] expected =
        [
            (16, "8040F17B8041F8D35501A0B2F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE"),
            (32, "8040F17B8041F8D35501A0B232B1DE78A822FE12EF9F78FA332E33AAB18012389A58E2F3B50B2A0276FFAE0F1BA63799B87B7AA3DB36DFFFD6B0F9BB7878D7A76C13"),
        ];
        foreach ((int keyLength, string sealedPacket) in expected)
        {
            using AeadTransform transform = Aead(keyLength, aes, libcrypto);
            byte[] packet = [.. Convert.FromHexString(Plain), .. new byte[16]];
            transform.SealRtp(packet, 12, 0x5501A0B2, 0xF17B);
            Assert.Equal(sealedPacket, Convert.ToHexString(packet));
            Assert.True(transform.TryOpenRtp(packet, 12, 0x5501A0B2, 0xF17B));
            Assert.Equal(Plain, Convert.ToHexString(packet, 0, packet.Length - 16));
        }
    }

    [Theory, MemberData(nameof(Primitives))]
    public void Aead_compounds_are_those_of_RFC_7714(bool aes, bool libcrypto)                          // §17.1 to §17.4
    {
        const string Plain = "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";
        const uint Mars = 0x4D617273, Index = 0x5D4;
        (int, uint, string)[] expected =
        [
            (16, SrtpTransform.EncryptedFlag, "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA45896CF4D2FC5ABF87245D9EADE800005D4"),
            (32, SrtpTransform.EncryptedFlag, "81C8000D4D617273D50AE4D1F5CE5D304BA297E47D470C282C3ECE5DBFFE0A50A2EAA5C1110555BE8415F658C61DE0476F1B6FAD1D1EB30C4446839F57FF6F6CB26AC3BE800005D4"),
            (16, 0, Plain + "841DD9683DD78EC92AE58790125F62B3000005D4"),                                // §17.3: authenticated only
        ];
        foreach ((int keyLength, uint flag, string sealedCompound) in expected)
        {
            using AeadTransform transform = Aead(keyLength, aes, libcrypto);
            byte[] packet = Convert.FromHexString(sealedCompound);
            Assert.Equal(packet.Length - 4, transform.RtcpWordOffset(packet.Length));
            Assert.True(transform.TryOpenRtcp(packet, Mars, flag | Index));
            Assert.Equal(Plain, Convert.ToHexString(packet, 0, packet.Length - 20));
            if (flag == 0)
                continue;
            transform.SealRtcp(packet, Mars, Index);
            Assert.Equal(sealedCompound, Convert.ToHexString(packet));
        }
    }

    private static AeadTransform Aead(int keyLength, bool aes, bool libcrypto) => AeadTransform.OfSessionKeys(
        [.. Enumerable.Range(0, keyLength).Select(i => (byte)i)], "Quid pro quo"u8, new SrtpPrimitives(aes, libcrypto));
}
