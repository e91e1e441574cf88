using CloudPbx.Sip.Proxying;
using CsCheck;

namespace CloudPbx.Sip.Tests.Proxying;

public class ContactTokenTests
{
    [Fact]
    public void A_written_token_is_read_as_it_was() =>
        Gen.Select(Gen.Guid, Gen.ULong, Gen.Int[0, ContactToken.MaxLeg]).Sample((tenant, call, leg) =>
        {
            var token = new ContactToken(tenant, call, leg);
            string text = token.ToString();
            Assert.Equal(ContactToken.Length, text.Length);
            Assert.Matches("^[0-9a-z]{40}$", text);
            Assert.True(ContactToken.TryParse(text, out ContactToken read));
            Assert.Equal(token, read);
            Assert.True(ContactToken.TryParse(text.ToUpperInvariant(), out read));
            Assert.Equal(token, read);
        }, iter: 2000);

    [Theory]
    [InlineData("")]
    [InlineData("100")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzz000000000000000")]          // beyond 128 bits
    [InlineData("0000000000000000000000000zzzzzzzzzzzzz00")]          // beyond 64 bits
    [InlineData("000000000000000000000000000000000000000-")]
    [InlineData("00000000000000000000000000000000000000000")]
    public void What_is_no_token_is_refused(string text) => Assert.False(ContactToken.TryParse(text, out _));

    [Fact]
    public void The_largest_values_fit()
    {
        var token = new ContactToken(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"), ulong.MaxValue, ContactToken.MaxLeg);
        Assert.True(ContactToken.TryParse(token.ToString(), out ContactToken read));
        Assert.Equal(token, read);
    }

    [Fact]
    public void A_leg_that_does_not_fit_is_a_bug() =>
        Assert.Throws<InvalidOperationException>(() => new ContactToken(Guid.Empty, 0, ContactToken.MaxLeg + 1).ToString());
}
