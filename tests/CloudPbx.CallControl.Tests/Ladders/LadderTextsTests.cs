using CloudPbx.CallControl.Ladders;

namespace CloudPbx.CallControl.Tests.Ladders;

/// <summary>Free texts of peers: what a person may read stays, what looks like a secret goes.</summary>
public sealed class LadderTextsTests
{
    [Theory]
    [InlineData("Q.850;cause=16;text=\"Normal call clearing\"", "Q.850;cause=16;text=\"Normal call clearing\"")]
    [InlineData("nonce=\"abc\", opaque=\"def\"", "nonce=***, opaque=***")]                                               // RFC 7616 §3.3
    [InlineData("username=\"bob\", response=\"6629fae\", cnonce=0a4f", "username=\"bob\", response=***, cnonce=***")]
    [InlineData("AES_CM_128 inline:WVNfX19z|2^20", "AES_CM_128 inline=***")]                                              // RFC 4568 §9.1
    [InlineData("a=ice-pwd:asd88fgpdd777uzjYhagZg", "a=ice-pwd=***")]                                                     // RFC 8839 §5.4
    [InlineData("Bearer eyJhbGciOi.J9", "Bearer=***")]
    [InlineData("access_token=xyz", "access_token=***")]
    [InlineData("api-key: xyz", "api-key=***")]
    [InlineData("Password = hunter2", "Password=***")]
    [InlineData("Server busy, monkey business", "Server busy, monkey business")]
    public void Secrets_are_masked(string text, string expected) => Assert.Equal(expected, LadderTexts.Take(text));

    [Fact]
    public void Control_characters_and_those_that_turn_the_writing_go_and_long_texts_are_cut()
    {
        Assert.Equal("abc", LadderTexts.Take("a\r\nb\u202E\u2066c\0"));
        Assert.Equal(LadderTexts.Longest, LadderTexts.Take(new string('x', 5000))!.Length);
        Assert.Null(LadderTexts.Take(null));
    }
}
