using CloudPbx.CallControl.Routing;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;

namespace CloudPbx.CallControl.Tests.Routing;

/// <summary>Countries and prices of numbers outside (SECURITY.md S1).</summary>
public sealed class OutsideNumberTests
{
    [Theory]
    [InlineData("+498922233344", null, "DE", "+498922233344")]
    [InlineData("08922233344", "DE", "DE", "+498922233344")]
    [InlineData("0033155501234", "DE", "FR", "+33155501234")]
    [InlineData("13800138000", "CN", "CN", "+8613800138000")]
    [InlineData("10086", "CN", "CN", null)]                                              // a service of the country
    [InlineData("+18765551234", null, "JM", "+18765551234")]                             // not the United States: +1 876 is Jamaica
    [InlineData("+881612345678", null, "001", "+881612345678")]                          // satellite: no country
    [InlineData("13800138000", null, null, null)]
    [InlineData("+999123", "DE", null, null)]
    [InlineData("0033155501234", "US", "FR", "+33155501234")]                            // dialled 011 there, and carriers take it
    [InlineData("00999123", "US", null, null)]
    [InlineData("01133155501234", "US", "FR", "+33155501234")]
    [InlineData("+18005551234", "CA", "CA", "+18005551234")]                             // +1: freephone numbers of all countries that share it
    [InlineData("5551234", "CA", "CA", null)]                                            // without area code
    [InlineData("+12125551234", "CA", "US", "+12125551234")]
    [InlineData("+18765551234", "US", "JM", "+18765551234")]
    public void A_number_tells_its_country(string number, string? home, string? country, string? e164)
    {
        OutsideNumber known = OutsideNumber.Of(number, home);
        Assert.Equal(country, known.Country);
        if (e164 is not null)
            Assert.Equal(e164, known.E164);
    }

    [Theory]
    [InlineData("+498922233344", null, null)]
    [InlineData("+33155501234", null, "country-not-allowed")]
    [InlineData("+881612345678", null, "country-not-allowed")]
    [InlineData("08922233344", null, "country-unknown")]                                 // nobody said which country is meant
    [InlineData("08922233344", "DE", null)]
    [InlineData("09001234567", "DE", "premium-number")]
    public void Countries_that_are_not_allowed_and_premium_numbers_are_refused(string number, string? home, string? rule)
    {
        OutsideCalling outside = new() { Country = home, Limits = new CallLimits { AllowedCountries = ["DE"] } };
        Assert.Equal(rule, Refusal(number, outside, ExtensionLimits.None, RouteConditions.Idle)?.Rule);
    }

    [Theory]
    [InlineData("+881612345678", null, "premium-number")]                                // satellite
    [InlineData("+870773111632", null, "premium-number")]
    [InlineData("+80012345678", null, null)]                                             // international freephone
    [InlineData("+498922233344", null, null)]
    [InlineData("09001234567", null, null)]                                              // nobody said which country is meant
    [InlineData("09001234567", "+49301000", "premium-number")]                           // home is where the tenant's own number is
    public void S1_premium_and_satellite_numbers_may_not_be_called_until_somebody_allows_them(string number, string? own, string? rule)
    {
        OutsideCalling outside = new() { CallerNumber = own };
        Assert.Equal(rule, Refusal(number, outside, ExtensionLimits.None, RouteConditions.Idle)?.Rule);
        Assert.Null(Refusal(number, outside with { Limits = new CallLimits { AllowPremiumNumbers = true } }, ExtensionLimits.None, RouteConditions.Idle));
        if (rule is not null && number.StartsWith("+8", StringComparison.Ordinal))
            Assert.Null(Refusal(number, outside with { Limits = new CallLimits { AllowedCountries = [OutsideNumber.NoCountry] } }, ExtensionLimits.None, RouteConditions.Idle));
    }

    [Theory]
    [InlineData("+33155501234", "DE", null, "country-not-home")]
    [InlineData("+33155501234", null, "+49301000", "country-not-home")]                  // home is where the tenant's own number is
    [InlineData("0033155501234", "US", null, "country-not-home")]
    [InlineData("+18765551234", "US", null, "country-not-home")]
    [InlineData("+999123", "DE", null, "country-unknown")]
    [InlineData("+498922233344", "DE", null, null)]
    [InlineData("08922233344", null, "+49301000", null)]
    [InlineData("10086", "CN", null, null)]
    [InlineData("+80012345678", "DE", null, null)]                                       // international freephone
    [InlineData("+33155501234", null, null, null)]                                       // nobody knows where home is
    [InlineData("+999123", null, null, null)]
    public void S1_a_tenant_calls_at_home_until_somebody_lists_countries_or_allows_all(string number, string? home, string? own, string? rule)
    {
        OutsideCalling outside = new() { Country = home, CallerNumber = own };
        (int Status, string Rule, string Value)? refusal = Refusal(number, outside, ExtensionLimits.None, RouteConditions.Idle);
        Assert.Equal(rule, refusal?.Rule);
        if (rule == "country-not-home")
            Assert.Contains("limits.allowedCountries", refusal!.Value.Value, StringComparison.Ordinal);                 // says what to do, in the record and in the log
        Assert.Null(Refusal(number, outside with { Limits = new CallLimits { AllowAllCountries = true } }, ExtensionLimits.None, RouteConditions.Idle));
        if (OutsideNumber.Of(number, home).Country is { } country)
            Assert.Null(Refusal(number, outside with { Limits = new CallLimits { AllowedCountries = [country] } }, ExtensionLimits.None, RouteConditions.Idle));
    }

    [Fact]
    public void S1_satellites_that_were_allowed_by_themselves_are_no_foreign_country()
    {
        OutsideCalling outside = new() { Country = "DE" };
        Assert.Equal("premium-number", Refusal("+881612345678", outside, ExtensionLimits.None, RouteConditions.Idle)?.Rule);
        Assert.Equal("premium-number", Refusal("+881612345678", outside with { Limits = new CallLimits { AllowAllCountries = true } }, ExtensionLimits.None, RouteConditions.Idle)?.Rule);
        Assert.Null(Refusal("+881612345678", outside with { Limits = new CallLimits { AllowPremiumNumbers = true } }, ExtensionLimits.None, RouteConditions.Idle));
    }

    [Theory]
    [InlineData("+33155501234", "DE", null, "forward-abroad")]
    [InlineData("+33155501234", null, "+49301000", "forward-abroad")]                    // home is where the tenant's own number is
    [InlineData("+498922233344", null, "+49301000", null)]
    [InlineData("+498922233344", null, null, "forward-abroad")]                          // home is not known: whatever has a country's code is abroad
    [InlineData("08922233344", null, null, null)]
    public void A_forward_stays_at_home(string number, string? home, string? own, string? rule)
    {
        OutsideCalling outside = new() { Country = home, CallerNumber = own, Limits = new CallLimits { AllowAllCountries = true } };
        Assert.Equal(rule, Refusal(number, outside, ExtensionLimits.None, RouteConditions.Idle with { IsForward = true })?.Rule);
        Assert.Null(Refusal(number, outside, ExtensionLimits.None, RouteConditions.Idle));
    }

    [Theory]
    [InlineData("+498922233344", 2)]
    [InlineData("08922233344", 2)]
    [InlineData("+33155501234", 9)]
    public void The_longest_prefix_has_the_price(string number, long expected)
    {
        CallRate[] rates = [new("", 9), new("+49", 1), new("+4989", 2), new("+4930", 3)];
        Assert.Equal(expected, OutsideNumber.RateOf(number, "DE", rates)!.MicroUnitsPerMinute);
    }

    private static (int Status, string Rule, string Value)? Refusal(string number, OutsideCalling outside, ExtensionLimits own, RouteConditions conditions) =>
        OutsideLimits.Refusal(number, HomeCountry.Of(outside, []), outside, own, conditions);
}
