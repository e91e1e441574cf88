using CloudPbx.Sip.Hashing;

namespace CloudPbx.Sip.Tests.Hashing;

public class SipHashTests
{
    // The first of the authors' vectors of SipHash-2-4-128: key 00 01 … 0f, text 00 01 … of that length.
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    public void Hashes_are_those_of_the_authors(int length, string expected)
    {
        byte[] key = [.. Enumerable.Range(0, SipHash.KeyLength).Select(i => (byte)i)];
        byte[] text = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Span<byte> hash = stackalloc byte[SipHash.HashLength];
        SipHash.Hash(key, text, hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }
}
