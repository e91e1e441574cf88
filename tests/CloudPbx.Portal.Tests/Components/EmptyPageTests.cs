using System.Text.RegularExpressions;
using Bunit;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Components.Pages;
using CloudPbx.Portal.Components.Pages.Extensions;
using CloudPbx.Portal.Components.Pages.Resellers;
using CloudPbx.Portal.Components.Pages.Webhooks;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Every page with a list, when there is nothing in it yet.</summary>
public sealed class EmptyPageTests
{
    // They show one thing, which is there; what is empty in them their own tests show.
    private static readonly Type[] s_ofOne = [typeof(ExtensionPage), typeof(ResellerPage), typeof(WebhookPage), typeof(NotFoundPage)];

    public static TheoryData<string, string> All
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (Type page in Pages())
            {
                all.Add(page.FullName!, "en");
                all.Add(page.FullName!, "zh-CN");
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_empty_list_teaches_what_it_is_for(string name, string language)
    {
        await using PortalContext context = new(language);
        context.Api.Otherwise = FakeAnswers.Of;
        Type page = typeof(PortalPage).Assembly.GetType(name)!;
        var shown = context.Bunit.Render(builder =>
        {
            builder.OpenComponent(0, page);
            if (page.GetProperty("Tenant") is not null && !name.Contains(".Platform.", StringComparison.Ordinal))
                builder.AddComponentParameter(1, "Tenant", "acme");
            builder.CloseComponent();
        });
        string text = "";
        shown.WaitForAssertion(() => text = shown.Find(".cp-empty p").TextContent.Trim());
        Assert.NotEmpty(shown.Find(".cp-empty h2").TextContent.Trim());
        Assert.True(language == "en" ? text.Length > 25 : Regex.IsMatch(text, @"\p{IsCJKUnifiedIdeographs}{4}"), $"{name} teaches nothing: {text}");
        Assert.Empty(shown.FindAll("[aria-busy=true]"));
    }

    [Fact]
    public void Every_page_with_a_list_is_among_them() => Assert.True(Pages().Count() >= 20);

    private static IEnumerable<Type> Pages() => Repository.PortalSources().Where(file => file.EndsWith(".razor", StringComparison.Ordinal) && File.ReadAllText(file) is var text && text.StartsWith("@page", StringComparison.Ordinal)
            && text.Contains("<EmptyState", StringComparison.Ordinal))
        .Select(file => typeof(PortalPage).Assembly.GetTypes().Single(type => type.Name == Path.GetFileNameWithoutExtension(file) && typeof(IComponent).IsAssignableFrom(type))).Except(s_ofOne);
}
