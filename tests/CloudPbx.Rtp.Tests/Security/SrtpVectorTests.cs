using CloudPbx.Rtp.Security;

namespace CloudPbx.Rtp.Tests.Security;

/// <summary>RFC 3711 appendix B, with every implementation of the primitives that this machine has.</summary>
public sealed class SrtpVectorTests
{
    private static readonly byte[] s_masterKey = Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139");
    private static readonly byte[] s_masterSalt = Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6");

    public static TheoryData<bool, bool> Primitives
    {
        get
        {
            var data = new TheoryData<bool, bool> { { false, false } };
            if (AesNiCounterMode.IsSupported)
                data.Add(true, false);
            if (LibcryptoHmacSha1.IsSupported)
                data.Add(false, true);
            if (AesNiCounterMode.IsSupported && LibcryptoHmacSha1.IsSupported)
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
        SrtpKeys.Derive(derivation, s_masterSalt, 0, cipher);
        SrtpKeys.Derive(derivation, s_masterSalt, 1, authentication);
        SrtpKeys.Derive(derivation, s_masterSalt, 2, salt);
        Assert.Equal("C61E7A93744F39EE10734AFE3FF7A087", Convert.ToHexString(cipher));
        Assert.Equal("30CBBC08863D8C85D49DB34A9AE1", Convert.ToHexString(salt));
        Assert.Equal(
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
            Convert.ToHexString(authentication));
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
}
