using CloudPbx.AllInOne.Commands;

namespace CloudPbx.AllInOne.Tests.Commands;

public sealed class RemoteInstallationTests
{
    [Fact]
    public void Without_a_server_commands_go_to_the_data_folder() => Assert.Null(RemoteInstallation.Find(_ => null));

    [Fact]
    public void A_server_and_a_programs_key_are_an_installation() =>
        Assert.Equal(new RemoteInstallation(new Uri("https://pbx.example"), "key-1", "secret", null), Find("https://pbx.example", "key-1", "secret"));

    [Theory]
    [InlineData("pbx.example", "key-1", "secret", "PBX_SERVER must be")]
    [InlineData("http://pbx.example", "key-1", "secret", "PBX_SERVER must be")]            // a secret goes nowhere in clear
    [InlineData("https://pbx.example", null, "secret", "PBX_SERVER is set: set PBX_CLIENT_ID")]
    [InlineData("https://pbx.example", "key-1", "", "PBX_SERVER is set: set PBX_CLIENT_ID")]
    public void What_is_missing_is_said(string server, string? client, string? secret, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<StartException>(() => Find(server, client, secret)).Message, StringComparison.Ordinal);

    private static RemoteInstallation? Find(string server, string? client, string? secret) =>
        RemoteInstallation.Find(name => name switch { "PBX_SERVER" => server, "PBX_CLIENT_ID" => client, "PBX_CLIENT_SECRET" => secret, _ => null });
}
