using System.Security.Claims;
using CloudPbx.Contracts.Identity;
using CloudPbx.Portal.SignIn;

namespace CloudPbx.Portal.Tests.SignIn;

public sealed class LocalAddressTests
{
    [Theory]
    [InlineData("/t/acme/calls?number=100", "/t/acme/calls?number=100")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("/a\r\nb", "/")]
    [InlineData("", "/")]
    [InlineData(null, "/")]
    public void After_signing_in_nobody_is_sent_elsewhere(string? target, string expected) => Assert.Equal(expected, SignInEndpoints.Local(target));

    [Fact]
    public void The_greatest_role_counts_and_an_unknown_one_is_the_least()
    {
        ClaimsPrincipal both = new(new ClaimsIdentity([new("role", "user"), new("role", "administrator"), new("tenant", "acme")]));
        Assert.Equal(UserRole.Administrator, UserFacts.Of(both).Role);
        Assert.Equal("acme", UserFacts.Of(both).Tenant);
        Assert.Equal(UserRole.User, UserFacts.Of(new ClaimsPrincipal(new ClaimsIdentity([new("role", "emperor")]))).Role);
    }
}
