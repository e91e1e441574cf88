using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Languages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using MudBlazor;

namespace CloudPbx.Portal.Components.Pages.Trunks;

/// <summary>What a trunk, or a profile of a tenant's own, does otherwise than its profile: each choice shows what the profile says, and can go back to that.</summary>
public partial class TrunkProfileEditor
{
    private static readonly string[] s_lists = ["calledIn", "callerIn", "calledOut", "callerOut"];

    /// <summary>The profile without the changes.</summary>
    [Parameter, EditorRequired] public TrunkProfile Profile { get; set; } = null!;

    /// <summary>What is edited.</summary>
    [Parameter, EditorRequired] public IChangesForm Form { get; set; } = null!;

    /// <summary>What is wrong.</summary>
    [Parameter, EditorRequired] public FormErrors Errors { get; set; } = null!;

    [Inject] private Texts T { get; set; } = null!;

    private string? _wrong(string place) => Errors[place] ?? Errors[place + ".prefix"] ?? Errors[place + ".pattern"] ?? Errors[place + ".replacement"];

    private RenderFragment Choice<TEnum>(string key, TEnum? value, TEnum shipped, Action<TEnum?> set)
        where TEnum : struct, Enum => builder =>
    {
        builder.OpenComponent<MudSelect<TEnum?>>(0);
        builder.AddComponentParameter(1, "Label", T[key]);
        builder.AddComponentParameter(2, "Value", value);
        builder.AddComponentParameter(3, "ValueChanged", EventCallback.Factory.Create<TEnum?>(this, set));
        builder.AddComponentParameter(4, "Variant", Variant.Outlined);
        builder.AddComponentParameter(5, "Placeholder", T["trunk.as-profile", Name(key, shipped)]);
        builder.AddComponentParameter(6, "ShrinkLabel", true);
        builder.AddComponentParameter(7, "ToStringFunc", (Func<TEnum?, string>)(chosen => chosen is { } one ? Name(key, one) : ""));
        builder.AddComponentParameter(8, "ChildContent", (RenderFragment)(content =>
        {
            Item<TEnum>(content, null, T["trunk.as-profile", Name(key, shipped)]);
            foreach (TEnum choice in Enum.GetValues<TEnum>())
                Item<TEnum>(content, choice, Name(key, choice));
        }));
        builder.CloseComponent();
    };

    private RenderFragment Text(string member, string? value, string shipped, Action<string?> set) => builder =>
    {
        string place = "changes." + member;
        builder.OpenComponent<MudTextField<string>>(0);
        builder.AddComponentParameter(1, "Label", T["trunk." + member]);
        builder.AddComponentParameter(2, "Value", value);
        builder.AddComponentParameter(3, "ValueChanged", EventCallback.Factory.Create<string>(this, text => set(string.IsNullOrWhiteSpace(text) ? null : text.Trim())));
        builder.AddComponentParameter(4, "Variant", Variant.Outlined);
        builder.AddComponentParameter(5, "Placeholder", shipped.Length == 0 ? T["trunk.as-profile-none"] : T["trunk.as-profile", shipped]);
        builder.AddComponentParameter(6, "ShrinkLabel", true);
        builder.AddComponentParameter(7, "Error", Errors.Has(place));
        builder.AddComponentParameter(8, "ErrorText", Errors[place]);
        builder.CloseComponent();
    };

    private static void Item<TEnum>(RenderTreeBuilder builder, TEnum? value, string text)
        where TEnum : struct, Enum
    {
        builder.OpenComponent<MudSelectItem<TEnum?>>(0);
        builder.SetKey(text);
        builder.AddComponentParameter(1, "Value", value);
        builder.AddComponentParameter(2, "ChildContent", (RenderFragment)(content => content.AddContent(0, text)));
        builder.CloseComponent();
    }

    private string Name<TEnum>(string key, TEnum value)
        where TEnum : struct, Enum => T.Find($"{key}-{value.ToString().ToLowerInvariant()}") ?? value.ToString();

    private IReadOnlyList<NumberRewrite> RulesOf(string list)
    {
        NumberFormats numbers = Form.Changes.Numbers ?? Profile.Numbers;
        return list switch { "calledIn" => numbers.CalledIn, "callerIn" => numbers.CallerIn, "calledOut" => numbers.CalledOut, _ => numbers.CallerOut };
    }

    private void SetRule(string list, int index, NumberRewrite rule) => SetRules(list, [.. RulesOf(list).Select((old, other) => other == index ? rule : old)]);

    private void SetRules(string list, IReadOnlyList<NumberRewrite> rules)
    {
        NumberFormats numbers = Form.Changes.Numbers ?? Profile.Numbers;
        Form.Changes = Form.Changes with
        {
            Numbers = list switch
            {
                "calledIn" => numbers with { CalledIn = rules },
                "callerIn" => numbers with { CallerIn = rules },
                "calledOut" => numbers with { CalledOut = rules },
                _ => numbers with { CallerOut = rules },
            },
        };
    }
}
