using CloudPbx.Load.Peers;

namespace CloudPbx.Load.Tests.Peers;

public class NgClientTests
{
    [Fact]
    public void Commands_are_bencoded_with_sorted_keys() => Assert.Equal(
        "d7:call-id2:c17:command5:offer7:replacel6:originee",
        NgClient.Bencode(new Dictionary<string, object> { ["command"] = "offer", ["call-id"] = "c1", ["replace"] = new[] { "origin" } }));

    [Fact]
    public void Strings_are_read_and_the_rest_is_skipped()
    {
        IReadOnlyDictionary<string, string> answer = NgClient.ReadStrings("d7:createdi17e4:tagsd1:al1:bi2eee6:result2:oke");
        Assert.Equal(["result"], answer.Keys);
        Assert.Equal("ok", answer["result"]);
    }
}
