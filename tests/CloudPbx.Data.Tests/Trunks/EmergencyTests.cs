using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Data.Tests.Trunks;

public sealed class EmergencyTests
{
    [Theory]
    [InlineData("zh", true)]
    [InlineData("zh-Hant-TW", true)]
    [InlineData("ZH-CN", true)]
    [InlineData("zha", false)]                          // Zhuang
    [InlineData("en", false)]
    public void Chinese_is_known_by_its_language_tag(string language, bool chinese) => Assert.Equal(chinese, Emergency.IsChinese(language));

    [Theory]
    [InlineData("en", "9", null, "112=112 9112=112 911=911 9911=911 999=999 9999=999")]
    [InlineData("zh-CN", "", null, "110=110 119=119 120=120 122=122")]
    [InlineData("en", "9", "11 911", "11=11 911=11 9911=911")]                           // the number that is named first
    [InlineData("en", "9", "", "")]
    public void S36_an_emergency_number_is_dialled_with_and_without_the_outside_prefix(string language, string prefix, string? numbers, string expected)
    {
        OutsideCalling outside = new() { OutsidePrefix = prefix, EmergencyNumbers = numbers?.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(expected, string.Join(' ', Emergency.Dialled(outside, null, language).Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData("en", "DE", "112 110 911 999")]
    [InlineData("fr", "FR", "112 17 18 15 911 999")]
    [InlineData("en", "AU", "000 106 112 911 999")]
    [InlineData("en", "NZ", "111 112 911 999")]
    [InlineData("en", "JP", "110 119 112 911 999")]
    [InlineData("en", "KR", "112 119 911 999")]
    [InlineData("en", "HK", "999 112 992 911")]
    [InlineData("en", "SG", "999 995 993 112 911")]
    [InlineData("en", "CN", "110 119 120 122 112 911 999")]
    [InlineData("zh-TW", "TW", "110 119 112 120 122")]
    [InlineData("zh-CN", "CN", "110 119 120 122")]
    [InlineData("zh-CN", "DE", "112 110 119 120 122")]                                   // a Chinese office in Germany
    [InlineData("es", "ES", "112 091 080 061 085 088 911 999")]
    [InlineData("it", "IT", "112 113 115 118 911 999")]
    [InlineData("pt", "BR", "112 128 190 192 193 911 999")]
    [InlineData("en", "IN", "100 101 102 108 112 1298 2611 911 999")]
    [InlineData("en", "PK", "15 16 112 115 1122 911 999")]
    [InlineData("en", "ZA", "112 10111 10177 911 999")]
    [InlineData("uk", "ua", "101 102 103 112 911 999")]
    [InlineData("en", "AQ", "112 911 999")]                                              // a country that nobody has told us of
    public void S36_the_countrys_emergency_numbers_are_dialled_beside_those_of_the_language(string language, string country, string expected)
    {
        OutsideCalling outside = new() { OutsidePrefix = "" };
        Assert.Equal(expected, string.Join(' ', Emergency.Dialled(outside, country, language).Keys));
        Assert.Equal(["117"], Emergency.Dialled(outside with { EmergencyNumbers = ["117"] }, country, language).Keys);
    }

    [Theory]                                                                             // RFC 5031 §4.2
    [InlineData("sos", "en", null, null, "112")]
    [InlineData("sos.police", "zh-CN", null, null, "110")]
    [InlineData("sos.fire", "zh-CN", null, null, "119")]
    [InlineData("sos.ambulance", "zh-CN", "CN", null, "120")]
    [InlineData("sos.mountain", "zh-CN", null, null, "110")]                             // no number of its own: the general one
    [InlineData("sos.fire.forest", "zh-CN", null, null, "119")]
    [InlineData("sos.policeman", "en", "DE", null, "112")]
    [InlineData("sos", "en", "us", null, "911")]
    [InlineData("sos", "en", "AU", null, "000")]                                         // the country's, which no language tells
    [InlineData("sos.police", "zh-CN", "BR", null, "112")]
    [InlineData("sos", "vi", "VN", null, "113")]
    [InlineData("sos.police", "en", "DE", "112 110", "110")]
    [InlineData("sos.police", "en", "DE", "112", "112")]                                 // only numbers that the tenant has
    [InlineData("sos.police", "en", "US", "0112 0110", "0112")]
    [InlineData("sos.fire", "en", null, "999 112", "999")]
    [InlineData("sos", "en", "DE", "", null)]
    public void S36_an_emergency_service_has_the_number_of_its_country_among_the_tenants(string service, string language, string? country, string? numbers, string? expected)
    {
        OutsideCalling outside = new() { EmergencyNumbers = numbers?.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(expected, Emergency.NumberFor("urn:service:" + service, outside, country, language));
    }

    [Fact]
    public void S36_what_the_tables_alone_know_takes_no_extensions_place()
    {
        OutsideCalling outside = new();
        IReadOnlyDictionary<string, string> dialled = Emergency.Dialled(outside, "IN", "en", number => number is "100" or "9101" or "112");
        Assert.False(dialled.ContainsKey("100"));
        Assert.Equal("100", dialled["9100"]);
        Assert.Equal("101", dialled["101"]);
        Assert.False(dialled.ContainsKey("9101"));
        Assert.Equal("112", dialled["112"]);                                             // what is known by heart does
        Assert.Equal("100", Emergency.Dialled(outside with { EmergencyNumbers = ["100"] }, "IN", "en", number => number == "100")["100"]);
    }
}
