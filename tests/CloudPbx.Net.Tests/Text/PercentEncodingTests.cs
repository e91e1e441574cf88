using System.Buffers;
using System.Text;
using CloudPbx.Net.Text;

namespace CloudPbx.Net.Tests.Text;

public class PercentEncodingTests
{
    private static readonly SearchValues<byte> s_letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz"u8);

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("%61%62", "ab")]
    [InlineData("%2541", "%41")]                // once, never its own result
    [InlineData("null-%00-null", "null-\0-null")]
    [InlineData("gr%C3%BCn", "grün")]
    [InlineData("%C3", "\uFFFD")]
    [InlineData("100%", "100%")]
    [InlineData("%zz%4", "%zz%4")]
    public void Escapes_are_decoded_once(string text, string expected) => Assert.Equal(expected, PercentEncoding.Decode(text));

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("a b%", "a%20b%25")]
    [InlineData("ü", "%C3%BC")]
    public void Octets_outside_the_set_are_escaped(string text, string expected) => Assert.Equal(expected, PercentEncoding.Encode(text, s_letters));

    [Theory]
    [InlineData("%41%3b%2F%25%00", "A%3B%2F%25%00")]
    [InlineData("plain", "plain")]
    public void One_form_stands_for_all_that_mean_the_same(string text, string expected) =>
        Assert.Equal(expected, PercentEncoding.Normalize(text, SearchValues.Create(";/"u8)));

    [Theory]
    [InlineData("a%4", false)]
    [InlineData("a%", false)]
    [InlineData("a%g0", false)]
    [InlineData("a%40%4f", true)]
    [InlineData("", true)]
    public void A_percent_sign_needs_two_digits(string text, bool expected) => Assert.Equal(expected, PercentEncoding.IsWellFormed(Encoding.ASCII.GetBytes(text)));
}
