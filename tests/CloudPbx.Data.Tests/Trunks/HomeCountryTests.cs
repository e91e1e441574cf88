using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Data.Tests.Trunks;

/// <summary>Which country is a tenant's home (infra/decisions/0019-home-country.md).</summary>
public sealed class HomeCountryTests
{
    [Theory]
    [InlineData("AT", "+49301000", "+33155501234", "AT")]                                // what is said comes first
    [InlineData(null, "+49301000", "+33155501234", "DE")]
    [InlineData(null, null, "+33155501234 +33155501235", "FR")]
    [InlineData(null, null, "+33155501234 +49301000", null)]                             // of two countries: nobody knows
    [InlineData(null, null, "+14165550123 +18005551234", "CA")]                          // freephone numbers of +1 are all its countries'
    [InlineData(null, "+18005551234", "+14165550123", "CA")]
    [InlineData(null, null, "+14165550123 +12125551234", null)]
    [InlineData(null, null, "+80012345678 +4930555", "DE")]                              // international freephone: no country
    [InlineData(null, null, "+80012345678", null)]
    [InlineData(null, null, "+999123", null)]
    [InlineData(null, null, "", null)]
    public void Home_is_the_country_that_is_set_else_the_shown_numbers_else_the_one_of_all_numbers(string? country, string? shown, string numbers, string? expected) =>
        Assert.Equal(expected, HomeCountry.Of(new OutsideCalling { Country = country, CallerNumber = shown }, numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
