using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Sample;

/// <summary>A company of the sample: who works there, how it is reached.</summary>
/// <param name="Name">The tenant's name.</param>
/// <param name="Language">Its language.</param>
/// <param name="CountryCode">Before its numbers, with the plus.</param>
/// <param name="FirstNumber">The first of its own numbers, after the country code.</param>
/// <param name="Extensions">How many extensions it has.</param>
/// <param name="Calls">How many calls it has made.</param>
/// <param name="Given">Given names.</param>
/// <param name="Family">Family names.</param>
internal sealed record SampleCompany(string Name, string Language, string CountryCode, string FirstNumber, int Extensions, int Calls, string[] Given, string[] Family)
{
    private static readonly string[] s_given = ["Alice", "Bob", "Carla", "David", "Elena", "Frank", "Grace", "Henry", "Ines", "Jonas", "Karim", "Lena", "Mia", "Noah", "Olga", "Paul"];
    private static readonly string[] s_family = ["Adams", "Baker", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Huber", "Ivanova", "Jensen", "Keller", "Larsen", "Meyer", "Novak", "Okafor"];
    private static readonly string[] s_givenChinese = ["伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰"];
    private static readonly string[] s_familyChinese = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐"];

    /// <summary>The companies: 200 extensions and 50,000 calls together.</summary>
    public static IReadOnlyList<SampleCompany> All { get; } =
    [
        new("acme", "en", "+44", "2079460000", 120, 30_000, s_given, s_family),
        new("nordwind", "en", "+49", "3023125000", 50, 12_500, s_given, s_family),
        new("huaxing", "zh-CN", "+86", "1055550000", 30, 7_500, s_givenChinese, s_familyChinese),
    ];

    /// <summary>The lowest extension.</summary>
    public const int FirstExtension = 100;

    /// <summary>The number by which an extension is reached from outside; the first ten have one.</summary>
    public string NumberOf(int index) => CountryCode + (long.Parse(FirstNumber, System.Globalization.CultureInfo.InvariantCulture) + index);

    /// <summary>An extension's name.</summary>
    public string PersonOf(int index) => Language.StartsWith("zh", StringComparison.Ordinal)
        ? Family[index % Family.Length] + Given[(index * 5) % Given.Length]
        : $"{Given[index % Given.Length]} {Family[(index * 7) % Family.Length]}";

    /// <summary>The tenant as a document. Its trunk is switched off: there is no such carrier.</summary>
    /// <param name="domain">Its domain.</param>
    public TenantDocument ToDocument(string domain) => new()
    {
        Name = Name,
        Language = Language,
        Domains = [domain],
        RecordingDays = 365,
        Extensions =
        [
            .. Enumerable.Range(0, Extensions).Select(i => new ExtensionDocument
            {
                Number = $"{FirstExtension + i}",
                DisplayName = PersonOf(i),
                Recording = i is 0 ? RecordingPolicy.Always : null,
                Devices = i % 6 == 0 ? [new DeviceDocument { Name = "desk" }, new DeviceDocument { Name = "laptop", AuthUser = $"{FirstExtension + i}-laptop" }] : [new DeviceDocument { Name = "desk" }],
            }),
        ],
        Conferences =
        [
            new ConferenceDocument { Number = "600", Name = Language.StartsWith("zh", StringComparison.Ordinal) ? "周会" : "Weekly meeting" },
            new ConferenceDocument { Number = "601", Name = Language.StartsWith("zh", StringComparison.Ordinal) ? "管理层" : "Management", Pin = "2468", ModeratorPin = "8642" },
        ],
        Trunks = [new TrunkDocument { Name = "carrier", Enabled = false, Server = new TrunkServerDocument { Host = "sip.carrier.example" }, Accounts = [new TrunkAccountDocument { User = NumberOf(0), Password = "there-is-no-such-carrier" }] }],
        Numbers = [.. Enumerable.Range(0, 10).Select(i => new NumberDocument { Number = NumberOf(i), Trunk = "carrier", Extension = $"{FirstExtension + i}" })],
        Routes = [new RouteDocument { Name = "all", Trunks = [new RouteTrunkDocument { Trunk = "carrier" }] }, new RouteDocument { Name = "premium", Prefix = "0900" }],
        Outside = new OutsideDocument { OutsidePrefix = "9", CallerNumber = NumberOf(0) },
    };
}
