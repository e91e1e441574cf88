namespace CloudPbx.Sdp.Tests;

public sealed class CryptoAttributeTests
{
    [Fact]
    public void A_generated_line_is_read_again()
    {
        byte next = 0;
        CryptoAttribute made = CryptoAttribute.Generate(3, CryptoAttribute.AesCm128HmacSha1Tag32, span =>
        {
            for (int i = 0; i < span.Length; i++)
                span[i] = next++;
        });
        Assert.Equal("3 AES_CM_128_HMAC_SHA1_32 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd", made.ToAttributeValue());
        Assert.True(CryptoAttribute.TryParse(made.ToAttributeValue(), out CryptoAttribute? read));
        Assert.Equal((3, made.Suite, true), (read.Tag, read.Suite, read.IsUsable));
        Assert.Equal(made.KeySalt.ToArray(), read.KeySalt.ToArray());
    }

    [Fact]
    public void Its_text_for_logs_has_no_key() =>
        Assert.Equal("1 AES_CM_128_HMAC_SHA1_80", CryptoAttribute.Generate(1, CryptoAttribute.AesCm128HmacSha1Tag80, span => span.Fill(7)).ToString());

    [Theory]                                                                    // RFC 4568 §9.1 and its examples
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1, true, null)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "|2^20", true, "2^20")]
    [InlineData("1  AES_CM_128_HMAC_SHA1_80\tinline:" + Phones.Key1 + "|1048576 WSH=128 -X=y", true, "1048576")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "|2^20|1:4", false, "2^20")]                    // MKI
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "|1:4", false, null)]
    [InlineData("2 AES_256_CM_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVzWVNfX19zZW1jdGwgKCkgew==", true, null)]         // RFC 6188 §4
    [InlineData("2 AES_256_CM_HMAC_SHA1_32 inline:" + Phones.Key1, false, null)]
    [InlineData("3 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==", true, null)]                       // RFC 7714 §14.1
    [InlineData("3 AEAD_AES_128_GCM inline:" + Phones.Key1, false, null)]
    [InlineData("4 AEAD_AES_256_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGwABAgMEBQYHCAkKCwwNDg8=", true, null)]
    [InlineData("5 AES_192_CM_HMAC_SHA1_80 inline:" + Phones.Key1, false, null)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", false, null)]                                             // a short key
    public void A_line_is_read_and_told_usable_or_not(string value, bool usable, string? lifetime)
    {
        Assert.True(CryptoAttribute.TryParse(value, out CryptoAttribute? crypto));
        Assert.Equal((usable, lifetime), (crypto.IsUsable, crypto.Lifetime));
    }

    [Fact]
    public void Every_suite_has_a_key_of_its_length()
    {
        CryptoAttribute[] lines = CryptoAttribute.GenerateAll([.. CryptoAttribute.OfferedSuites, .. CryptoAttribute.OtherSuites], span => span.Fill(1));
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(l => l.Tag));
        Assert.All(lines, l => Assert.True(l.IsUsable));
        Assert.Equal([28, 44, 30, 30, 46, 46], lines.Select(l => l.KeySalt.Length));
        Assert.Throws<ArgumentException>(() => CryptoAttribute.Generate(1, "AES_192_CM_HMAC_SHA1_80", span => span.Clear()));
    }

    [Fact]
    public void Missing_padding_is_forgiven()
    {
        Assert.True(CryptoAttribute.TryParse("1 AES_256_CM_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVzWVNfX19zZW1jdGwgKCkgew", out CryptoAttribute? crypto));
        Assert.Equal(46, crypto.KeySalt.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("x AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1)]
    [InlineData("1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1)]
    [InlineData("-1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 uri:" + Phones.Key1)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:*")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:A")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + ";inline:" + Phones.Key2)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + " UNENCRYPTED_SRTP")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + " KDR=1")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "|2^20|2^21")]
    public void What_cannot_be_served_is_not_read(string value) => Assert.False(CryptoAttribute.TryParse(value, out _));
}
